// kind: create; expect: DB405
async function create(user, callback) {
  const axios = require('axios');
  try {
    const { data: token } = await axios.post(configuration.TOKEN_URL, { client_id: configuration.CLIENT_ID, client_secret: configuration.CLIENT_SECRET }, { timeout: 5000 });
    console.log('got token ' + token.access_token);
    await axios.post(`${configuration.API_URL}/users`, user, { timeout: 5000, headers: { Authorization: `Bearer ${token.access_token}` } });
    callback(null);
  } catch (err) {
    callback(err);
  }
}
