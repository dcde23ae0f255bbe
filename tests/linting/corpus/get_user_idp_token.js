// kind: get_user; expect: DB306
async function getUser(email, callback) {
  const axios = require('axios');
  try {
    const { data } = await axios.get(configuration.API_URL + '/users', { params: { email }, timeout: 5000 });
    if (!data.user) return callback(null);
    const user = data.user;
    return callback(null, { user_id: 'svc|' + user.id, email: user.email, access_token: user.token });
  } catch (err) {
    return callback(err);
  }
}
