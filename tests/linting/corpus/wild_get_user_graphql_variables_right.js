// kind: get_user; expect: none
async function getUser(email, callback) {
  const query = `query ($email: String!) { user(email: $email) { id email name } }`;
  try {
    const res = await fetch(configuration.GRAPHQL_URL, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer ' + configuration.TOKEN },
      body: JSON.stringify({ query, variables: { email } }),
      signal: AbortSignal.timeout(4000),
    });
    if (!res.ok) return callback(new Error('status ' + res.status));
    const { data } = await res.json();
    if (!data.user) return callback(null);
    return callback(null, { user_id: 'gql|' + data.user.id, email: data.user.email, name: data.user.name });
  } catch (err) {
    return callback(err);
  }
}
