// kind: login; expect: DB106
function login(email, password, callback) {
  // The script that checks the credentials against your store goes here.
  const msg = 'Please implement the Login script for this database connection ' +
    'at https://manage.auth0.com/#/connections/database';
  return callback(new Error(msg));
}
