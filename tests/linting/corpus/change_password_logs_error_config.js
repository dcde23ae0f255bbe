// kind: change_password; expect: DB405
async function changePassword(email, newPassword, callback) {
  const axios = require('axios');
  const secret = configuration.API_SECRET;
  try {
    await axios.put(`${configuration.API_URL}/password`, { email, password: newPassword }, { timeout: 5000, auth: { username: 'auth0', password: secret } });
    return callback(null, true);
  } catch (err) {
    console.error('password change failed with', secret, err.message);
    return callback(err);
  }
}
