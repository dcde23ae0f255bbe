// kind: change_password; expect: DB405
async function changePassword(email, newPassword, callback) {
  const axios = require('axios');
  try {
    console.info(`changing password of ${email} to ${newPassword}`);
    await axios.put(`${configuration.API_URL}/password`, { email, password: newPassword }, { timeout: 5000 });
    return callback(null, true);
  } catch (err) {
    return callback(err);
  }
}
