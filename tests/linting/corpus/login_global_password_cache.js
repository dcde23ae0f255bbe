// kind: login; expect: DB501
async function login(usernameOrEmail, password, callback) {
  const axios = require('axios');
  global.sessions = global.sessions || {};
  try {
    if (!global.sessions[usernameOrEmail]) {
      const { data } = await axios.post(configuration.API_URL + '/login', { usernameOrEmail, password }, { timeout: 5000 });
      global.sessions[usernameOrEmail] = { id: data.id, email: data.email };
    }
    const session = global.sessions[usernameOrEmail];
    return callback(null, { user_id: 'svc|' + session.id, email: session.email });
  } catch (err) {
    return callback(err);
  }
}
