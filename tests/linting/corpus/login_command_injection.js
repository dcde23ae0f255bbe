// kind: login; expect: DB402
function login(usernameOrEmail, password, callback) {
  const { exec } = require('child_process');
  exec('ldapwhoami -D "uid=' + usernameOrEmail + ',ou=people,dc=acme" -w "$LDAP_PASSWORD"', { timeout: 5000 }, (err, stdout) => {
    if (err) return callback(new WrongUsernameOrPasswordError(usernameOrEmail));
    callback(null, { user_id: 'ldap|' + stdout.trim(), email: usernameOrEmail });
  });
}
