// kind: login; expect: DB401, DB204
async function login(usernameOrEmail, password, callback) {
  const axios = require('axios');
  const API_KEY = 'f3b1c9d27e8a4c55b0d2917afc603e11';
  try {
    const { data } = await axios.post(
      'https://api.acme.io/v1/login',
      { username: usernameOrEmail, password },
      { headers: { 'x-api-key': API_KEY } }
    );
    return callback(null, { user_id: `api|${data.id}`, email: data.email });
  } catch (err) {
    if (err.response && err.response.status === 401) {
      return callback(new WrongUsernameOrPasswordError(usernameOrEmail));
    }
    return callback(err);
  }
}
