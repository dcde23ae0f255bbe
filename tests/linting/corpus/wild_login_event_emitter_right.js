// kind: login; expect: none
function login(usernameOrEmail, password, callback) {
  const https = require('https');
  const payload = JSON.stringify({ username: usernameOrEmail, password: password });
  let answered = false;
  function once(err, profile) {
    if (answered) return;
    answered = true;
    if (err) callback(err);
    else callback(null, profile);
  }
  const req = https.request({ hostname: configuration.HOST, path: '/login', method: 'POST', timeout: 6000 }, (res) => {
    const chunks = [];
    res.on('data', (chunk) => chunks.push(chunk));
    res.on('error', once);
    res.on('end', () => {
      if (res.statusCode === 401) return once(new WrongUsernameOrPasswordError(usernameOrEmail));
      if (res.statusCode !== 200) return once(new Error('status ' + res.statusCode));
      try {
        const body = JSON.parse(Buffer.concat(chunks).toString('utf8'));
        once(null, { user_id: 'idm|' + body.uid, email: body.email, name: body.name });
      } catch (err) {
        once(err);
      }
    });
  });
  req.on('timeout', () => req.destroy(new Error('timeout')));
  req.on('error', once);
  req.write(payload);
  req.end();
}
