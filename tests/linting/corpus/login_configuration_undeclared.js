// kind: login; expect: DB508; configuration: API_URL; modules: axios 1.7.9
async function login(usernameOrEmail, password, callback) {
  const axios = require('axios');
  try {
    const { data } = await axios.post(
      configuration.API_URL + '/login',
      { usernameOrEmail, password },
      { timeout: 5000, headers: { 'x-api-key': configuration.API_KEY } }
    );
    return callback(null, { user_id: 'svc|' + data.id, email: data.email });
  } catch (err) {
    if (err.response && err.response.status === 401) return callback(new WrongUsernameOrPasswordError(usernameOrEmail));
    return callback(err);
  }
}
