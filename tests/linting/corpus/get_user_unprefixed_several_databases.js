// kind: get_user; expect: DB303; databases: 2; migration: off
async function getUser(email, callback) {
  const axios = require('axios');
  try {
    const { data: user } = await axios.get(configuration.API_URL + '/users', { params: { email }, timeout: 5000 });
    if (!user) return callback(null);
    return callback(null, { user_id: user.id.toString(), email: user.email });
  } catch (err) {
    return callback(err);
  }
}
