// kind: verify; expect: DB203
function verify(email, callback) {
  const axios = require('axios');
  (async () => {
    const res = await axios.patch(`${configuration.API_URL}/users`, { verified: true }, { params: { email }, timeout: 5000 });
    callback(null, res.status === 200);
  })();
}
