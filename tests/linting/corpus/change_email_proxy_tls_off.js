// kind: change_email; expect: DB404
function changeEmail(email, newEmail, verified, callback) {
  const https = require('https');
  const axios = require('axios');
  const agent = new https.Agent({ keepAlive: false, rejectUnauthorized: false });
  axios
    .put(`${configuration.API_URL}/email`, { email, newEmail, verified }, { timeout: 5000, httpsAgent: agent })
    .then((res) => callback(null, res.status === 204))
    .catch((err) => callback(err));
}
