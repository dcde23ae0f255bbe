// kind: get_user; expect: DB501
async function getUser(email, callback) {
  const axios = require('axios');
  global.profiles = global.profiles || new Map();
  try {
    if (global.profiles.has(email)) return callback(null, global.profiles.get(email));
    const { data: user } = await axios.get(configuration.API_URL + '/users', { params: { email }, timeout: 5000 });
    if (!user) return callback(null);
    const profile = { user_id: 'svc|' + user.id, email: user.email };
    global.profiles.set(email, profile);
    return callback(null, profile);
  } catch (err) {
    return callback(err);
  }
}
