// kind: login; expect: DB204
async function login(usernameOrEmail, password, callback) {
  const axios = require('axios');
  try {
    const { data } = await axios.post(configuration.API_URL + '/login', { usernameOrEmail, password }, { timeout: 60000 });
    return callback(null, { user_id: 'svc|' + data.id, email: data.email });
  } catch (err) {
    if (err.response && err.response.status === 401) return callback(new WrongUsernameOrPasswordError(usernameOrEmail));
    return callback(err);
  }
}
