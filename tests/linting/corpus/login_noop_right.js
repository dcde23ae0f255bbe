// kind: login; expect: none; migration: complete
function login(usernameOrEmail, password, callback) {
  // Every user has been moved: Auth0 no longer asks the old store.
  callback(null, null);
}
