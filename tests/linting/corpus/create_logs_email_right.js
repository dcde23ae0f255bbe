// kind: create; expect: none
function create(user, callback) {
  const axios = require('axios');
  axios
    .post(`${configuration.API_URL}/users`, user, { timeout: 8000 })
    .then((res) => {
      console.log(`created ${res.data.id} in ${configuration.REGION}, password accepted`);
      callback(null);
    })
    .catch((error) => {
      console.error('could not create the user', error.message);
      callback(error);
    });
}
