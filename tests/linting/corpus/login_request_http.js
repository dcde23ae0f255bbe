// kind: login; expect: DB403
function login(email, password, callback) {
  const request = require('request');
  request.get(
    {
      url: 'http://users.acme.com/api/profile',
      auth: { username: email, password: password },
      timeout: 5000,
    },
    function (err, response, body) {
      if (err) return callback(err);
      if (response.statusCode === 401) return callback(new WrongUsernameOrPasswordError(email));
      if (response.statusCode !== 200) return callback(new Error('Unexpected status ' + response.statusCode));
      let user;
      try {
        user = JSON.parse(body);
      } catch (e) {
        return callback(e);
      }
      callback(null, { user_id: 'acme|' + user.id, email: user.email });
    }
  );
}
