"""Serves the users of a database connection, by e-mail address: /api/v2/connections/{id}/users.

https://auth0.com/docs/api/management/v2/connections/delete-users-by-email
"""

from deployer.sandbox.calls import Call, Endpoint, Response
from deployer.sandbox.errors import ApiError, invalid_query
from deployer.sandbox.flows import accounts, users
from deployer.sandbox.flows.errors import FlowError
from deployer.sandbox.resources.connections import find
from deployer.sandbox.resources.users import as_api_error


async def delete_by_email(call: Call) -> Response:
    """Answer `DELETE` with `email`: 204, also when there was no such user.

    The delete script runs first where the store has them. Without an address nobody is deleted: 400.
    """
    connection = find(call)
    if connection["strategy"] != "auth0":
        raise ApiError(400, "Connection must be a database connection", "invalid_connection")
    email = call.first("email")
    if email is None:
        raise invalid_query("Query validation error: 'Missing required property: email'.")
    user = users.by_email(call.tenant, connection, email)
    if user is None:
        return Response(204)
    try:
        await accounts.delete(call.tenant, connection, user)
    except FlowError as error:
        raise as_api_error(error) from error
    return Response(204)


ENDPOINTS = [Endpoint("DELETE", "/api/v2/connections/{id}/users", ("delete:users",), delete_by_email)]
