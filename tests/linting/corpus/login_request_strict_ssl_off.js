// kind: login; expect: DB404, DB405
function login(email, password, callback) {
  const request = require('request');
  console.log('login attempt', email, password);
  request.post(
    {
      url: configuration.API_URL + '/authenticate',
      json: { email: email, password: password },
      strictSSL: false,
      timeout: 8000,
    },
    function (err, response, body) {
      if (err) return callback(err);
      if (response.statusCode !== 200) return callback(new WrongUsernameOrPasswordError(email));
      callback(null, { user_id: 'svc|' + body.id, email: body.email });
    }
  );
}
