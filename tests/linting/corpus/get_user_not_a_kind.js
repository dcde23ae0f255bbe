// kind: fetch_user; expect: DB107; migration: off
function fetchUser(email, callback) {
  callback(null);
}
