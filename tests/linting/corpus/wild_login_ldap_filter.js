// kind: login; expect: DB402
function login(usernameOrEmail, password, callback) {
  const ldap = require('ldapjs');
  const client = ldap.createClient({ url: configuration.LDAP_URL, timeout: 5000, connectTimeout: 5000 });
  client.on('error', () => client.destroy());
  client.bind(configuration.BIND_DN, configuration.BIND_PASSWORD, (err) => {
    if (err) return callback(err);
    let entry = null;
    client.search('ou=people,dc=acme,dc=com', { scope: 'sub', filter: '(&(objectClass=person)(mail=' + usernameOrEmail + '))' }, (err, res) => {
      if (err) return callback(err);
      res.on('searchEntry', (found) => { entry = found.object; });
      res.on('error', (err) => callback(err));
      res.on('end', () => {
        if (!entry) return callback(new WrongUsernameOrPasswordError(usernameOrEmail));
        client.bind(entry.dn, password, (err) => {
          client.unbind();
          if (err) return callback(new WrongUsernameOrPasswordError(usernameOrEmail));
          callback(null, { user_id: 'ldap|' + entry.uidNumber, email: entry.mail, name: entry.cn });
        });
      });
    });
  });
}
