// kind: login; expect: DB401
async function login(usernameOrEmail, password, callback) {
  const axios = require('axios');
  const apiKey = configuration.API_KEY || '9d8c2f71b6a04e5d8f3a';
  try {
    const { data } = await axios.post(configuration.API_URL, { usernameOrEmail, password }, { timeout: 5000, headers: { 'X-Api-Key': apiKey } });
    return callback(null, { user_id: 'svc|' + data.id, email: data.email });
  } catch (err) {
    if (err.response && err.response.status === 401) return callback(new WrongUsernameOrPasswordError(usernameOrEmail));
    return callback(err);
  }
}
