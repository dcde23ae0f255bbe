// kind: change_email; expect: DB203
function changeEmail(email, newEmail, verified, callback) {
  const axios = require('axios');
  axios
    .put(`${configuration.API_URL}/email`, { email, newEmail, verified }, { timeout: 5000 })
    .then((res) => callback(null, res.status === 204));
}
