// kind: login; expect: DB109, DB408; guards: restrict-audience; guard_type: rule; configuration: TOKEN_URL, CLIENT_ID, CLIENT_SECRET, AUDIENCE, API_URL; access: client-credentials, tls; modules: axios 1.7.9
async function login(email, password, callback) {
  const axios = require('axios');
  try {
    const grant = await axios.post(
      configuration.TOKEN_URL,
      {
        grant_type: 'client_credentials',
        client_id: configuration.CLIENT_ID,
        client_secret: configuration.CLIENT_SECRET,
        audience: configuration.AUDIENCE,
      },
      { timeout: 4000 }
    );
    const answer = await axios.post(
      `${configuration.API_URL}/login`,
      { email, password },
      { headers: { authorization: `Bearer ${grant.data.access_token}` }, timeout: 4000 }
    );
    return callback(null, { user_id: `api|${answer.data.id}`, email: answer.data.email });
  } catch (err) {
    return callback(err);
  }
}
