// kind: login; expect: none; guards: restrict-audience; configuration: TOKEN_URL, CLIENT_ID, CLIENT_SECRET, AUDIENCE, API_URL; access: client-credentials, tls; modules: axios 1.7.9
async function login(usernameOrEmail, password, callback) {
  const axios = require('axios');

  async function accessToken() {
    const cached = global.apiToken;
    if (cached && cached.expiresAt > Date.now() + 30000) return cached.value;
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
    global.apiToken = { value: data.access_token, expiresAt: Date.now() + data.expires_in * 1000 };
    return data.access_token;
  }

  try {
    const token = await accessToken();
    const { data } = await axios.post(
      `${configuration.API_URL}/login`,
      { usernameOrEmail, password },
      { headers: { authorization: `Bearer ${token}` }, timeout: 5000 }
    );
    return callback(null, { user_id: `api|${data.id}`, email: data.email });
  } catch (err) {
    if (err.response && err.response.status === 401) {
      return callback(new WrongUsernameOrPasswordError(usernameOrEmail));
    }
    return callback(err);
  }
}
