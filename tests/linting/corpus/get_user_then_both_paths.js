// kind: get_user; expect: DB202
function getUser(email, callback) {
  const axios = require('axios');
  axios
    .get(configuration.API_URL + '/users', { params: { email }, timeout: 3000 })
    .then((res) => {
      if (!res.data) {
        callback(null);
      }
      callback(null, { user_id: 'svc|' + res.data.id, email: res.data.email });
    })
    .catch(callback);
}
