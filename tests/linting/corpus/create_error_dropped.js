// kind: create; expect: DB203
function create(user, callback) {
  const request = require('request');
  request.post({ url: configuration.API_URL + '/users', json: user, timeout: 5000 }, function (error, response) {
    if (response.statusCode === 409) {
      return callback(new ValidationError('user_exists', 'exists'));
    }
    callback(null);
  });
}
