// kind: verify; expect: none
function verify(email, callback) {
  const axios = require('axios');
  (async () => {
    const res = await axios.patch(`${configuration.API_URL}/users`, { verified: true }, { params: { email }, timeout: 5000 });
    return res.status === 200;
  })().then((verified) => callback(null, verified), (err) => callback(err));
}
