// kind: login; expect: DB302
async function login(usernameOrEmail, password, callback) {
  const axios = require('axios');
  const { v4: uuidv4 } = require('uuid');
  try {
    const { data } = await axios.post(configuration.API_URL + '/login', { usernameOrEmail, password }, { timeout: 5000 });
    if (!data.ok) return callback(new WrongUsernameOrPasswordError(usernameOrEmail));
    return callback(null, { user_id: 'svc|' + uuidv4(), email: usernameOrEmail, name: data.name });
  } catch (err) {
    return callback(err);
  }
}
