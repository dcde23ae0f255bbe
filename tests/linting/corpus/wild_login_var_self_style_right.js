// kind: login; expect: none
function login (email, password, callback) {
  var request = require('request');
  var opts = {};
  opts.method = 'POST';
  opts.url = configuration.endpoint + '/auth/check';
  opts.json = true;
  opts.timeout = 7000;
  opts.body = { u: email, p: password };

  request(opts, onAnswer);

  function onAnswer (err, res, body) {
    if (err) { return callback(new Error('auth service: ' + err.code)); }
    if (res.statusCode == 403) { return callback(new WrongUsernameOrPasswordError(email, 'no')); }
    if (res.statusCode != 200) { return callback(new Error('auth service: ' + res.statusCode)); }
    var profile = {};
    profile.user_id = 'intranet|' + body.employee_no;
    profile.email = body.mail;
    profile.name = [body.first, body.last].join(' ');
    profile.metadata = { department: body.dept };
    callback(null, profile);
  }
}
