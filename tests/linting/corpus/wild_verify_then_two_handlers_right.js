// kind: verify; expect: none
function verify(email, callback) {
  const axios = require('axios');
  const done = (verified) => callback(null, verified);
  axios
    .patch(`${configuration.API_URL}/users`, { verified: true }, { params: { email }, timeout: 5000 })
    .then((res) => res.status === 200)
    .then(done, callback);
}
