// kind: login; expect: DB507
async function login(usernameOrEmail, password, callback) {
  const axios = require('axios');
  configuration.API_URL = configuration.API_URL.replace(/\/$/, '');
  try {
    const { data } = await axios.post(configuration.API_URL + '/login', { usernameOrEmail, password }, { timeout: 5000 });
    return callback(null, { user_id: 'svc|' + data.id, email: data.email });
  } catch (err) {
    if (err.response && err.response.status === 401) return callback(new WrongUsernameOrPasswordError(usernameOrEmail));
    return callback(err);
  }
}
