// kind: login; expect: none
async function login(usernameOrEmail, password, callback) {
  const axios = require('axios');
  const bcrypt = require('bcrypt');
  const query = encodeURIComponent(usernameOrEmail);
  try {
    const { data } = await axios.get(`${configuration.API_URL}/users?email=${query}`, { timeout: 5000 });
    const valid = data && (await bcrypt.compare(password, data.hash));
    if (!valid) {
      return callback(new WrongUsernameOrPasswordError(usernameOrEmail, `No match for ${usernameOrEmail}`));
    }
    return callback(null, { user_id: 'api|' + data.id, email: data.email });
  } catch (err) {
    return callback(err);
  }
}
