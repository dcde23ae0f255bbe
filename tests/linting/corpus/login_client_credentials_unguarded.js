// kind: login; expect: DB408, DB503; configuration: TOKEN_URL, CLIENT_ID, CLIENT_SECRET, AUDIENCE, API_URL; access: client-credentials, tls; modules: axios 1.7.9
async function login(usernameOrEmail, password, callback) {
  const axios = require('axios');
  try {
    if (!global.access_token) {
      const { data } = await axios.post(
        configuration.TOKEN_URL,
        {
          grant_type: 'client_credentials',
          client_id: configuration.CLIENT_ID,
          client_secret: configuration.CLIENT_SECRET,
          audience: configuration.AUDIENCE,
        },
        { timeout: 5000 }
      );
      global.access_token = data.access_token;
    }
    const { data } = await axios.post(
      `${configuration.API_URL}/login`,
      { usernameOrEmail, password },
      { headers: { authorization: `Bearer ${global.access_token}` }, timeout: 5000 }
    );
    return callback(null, { user_id: `api|${data.id}`, email: data.email });
  } catch (err) {
    return callback(err);
  }
}
