// kind: login; expect: DB402
async function login(usernameOrEmail, password, callback) {
  const axios = require('axios');
  const bcrypt = require('bcrypt');
  try {
    const { data } = await axios.get(`${configuration.API_URL}/users?email=${usernameOrEmail}&fields=id,hash`, { timeout: 5000 });
    if (!data || !(await bcrypt.compare(password, data.hash))) {
      return callback(new WrongUsernameOrPasswordError(usernameOrEmail));
    }
    return callback(null, { user_id: 'api|' + data.id, email: data.email });
  } catch (err) {
    return callback(err);
  }
}
