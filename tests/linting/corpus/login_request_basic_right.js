// kind: login; expect: none
function login(usernameOrEmail, password, callback) {
  const request = require('request');

  request.get(
    {
      url: configuration.API_URL + '/profile',
      auth: { username: usernameOrEmail, password: password },
      timeout: 5000,
    },
    function (err, response, body) {
      if (err) return callback(err);
      if (response.statusCode === 401) return callback(new WrongUsernameOrPasswordError(usernameOrEmail));
      if (response.statusCode !== 200) return callback(new Error('The user service answered ' + response.statusCode));

      let user;
      try {
        user = JSON.parse(body);
      } catch (parseError) {
        return callback(parseError);
      }
      callback(null, { user_id: 'ws|' + user.user_id.toString(), nickname: user.nickname, email: user.email });
    }
  );
}
