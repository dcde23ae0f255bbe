"""Says what may be sent for a client (application).

https://auth0.com/docs/api/management/v2/clients/post-clients
"""

from deployer.sandbox.resources.client_credentials import CREDENTIAL
from deployer.sandbox.schema import Anything, Array, Boolean, Nullable, Number, Object, Schema, String

_APP_TYPES = (
    "native spa regular_web non_interactive resource_server express_configuration rms box cloudbees concur dropbox "
    "mscrm echosign egnyte newrelic office365 salesforce sentry sharepoint slack springcm zendesk zoom "
    "sso_integration oag"
)
APP_TYPES = tuple(_APP_TYPES.split())
_URLS = Nullable(Array(String(min=1, max=2048), max=1000))
_SETTINGS = (
    "logo_uri oidc_logout oidc_backchannel_logout session_transfer client_aliases allowed_clients encryption_key sso "
    "cross_origin_loc custom_login_page custom_login_page_preview form_template addons mobile initiate_login_uri "
    "native_social_login fedcm_login default_organization organization_usage organization_require_behavior "
    "organization_discovery_methods token_vault_privileged_access compliance_level "
    "token_exchange skip_non_verifiable_callback_uri_confirmation_prompt par_request_expiry token_quota "
    "express_configuration my_organization_configuration b2b_integration_configuration resource_server_identifier "
    "identity_assertion_authorization_grant anonymous_sessions async_approval_notification_channels "
    "third_party_security_mode redirection_policy enforce_anon_session_transfer_network_binding linked_clients"
)
_KNOWN = tuple(_SETTINGS.split())
"""Settings that are kept and given back as they are."""


def _with_keys(credential: Schema, *, least: int) -> dict[str, Schema]:
    """Describe what names public keys: new ones of a new client, those that an older one has, or none any more."""
    keys = Object({"credentials": Array(credential, min=least, max=2)}, required=("credentials",))
    return {
        "client_authentication_methods": Nullable(Object({"private_key_jwt": keys}, extra=Anything(), min=1, max=1)),
        "signed_request_object": Nullable(Object({"required": Boolean(), "credentials": Array(credential, max=2)})),
    }


_FIELDS: dict[str, Schema] = {
    **{name: Anything() for name in _KNOWN},
    "name": String(min=1, max=255, pattern=r"^[^<>]+$"),
    "description": Nullable(String(max=140)),
    "client_secret": String(min=1, max=255),
    "app_type": Nullable(String(enum=APP_TYPES)),
    "callbacks": _URLS,
    "allowed_logout_urls": _URLS,
    "allowed_origins": _URLS,
    "web_origins": _URLS,
    "grant_types": Nullable(Array(String(min=1, max=255))),
    "is_first_party": Boolean(),
    "is_token_endpoint_ip_header_trusted": Boolean(),
    "oidc_conformant": Boolean(),
    "sso_disabled": Boolean(),
    "cross_origin_authentication": Boolean(),
    "custom_login_page_on": Boolean(),
    "require_pushed_authorization_requests": Boolean(),
    "require_proof_of_possession": Boolean(),
    "token_endpoint_auth_method": Nullable(String(enum=("none", "client_secret_post", "client_secret_basic"))),
    "jwt_configuration": Nullable(
        Object(
            {
                "lifetime_in_seconds": Number(min=1),
                "secret_encoded": Boolean(),
                "scopes": Anything(),
                "alg": Nullable(String(enum=("HS256", "RS256", "RS512", "PS256"))),
            }
        )
    ),
    "refresh_token": Nullable(
        Object(
            {
                "rotation_type": String(enum=("rotating", "non-rotating")),
                "expiration_type": String(enum=("expiring", "non-expiring")),
                "leeway": Nullable(Number(min=0)),
                "token_lifetime": Number(min=1),
                "idle_token_lifetime": Number(min=1),
                "infinite_token_lifetime": Boolean(),
                "infinite_idle_token_lifetime": Boolean(),
                "policies": Anything(),
            }
        )
    ),
    "client_metadata": Nullable(Object(extra=Nullable(String(max=255)), max=10, names=String(max=255))),
}
CREATE = Object({**_FIELDS, **_with_keys(CREDENTIAL, least=1)}, required=("name",))
UPDATE = Object({**_FIELDS, **_with_keys(Object({"id": String(min=1)}, required=("id",)), least=0)})
