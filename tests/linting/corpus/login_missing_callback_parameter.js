// kind: login; expect: DB103
async function login(usernameOrEmail, password) {
  const axios = require('axios');
  const { data } = await axios.post(configuration.API_URL + '/login', { usernameOrEmail, password }, { timeout: 5000 });
  return { user_id: 'svc|' + data.id, email: data.email };
}
