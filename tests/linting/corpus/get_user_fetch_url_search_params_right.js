// kind: get_user; expect: none
async function getUser(email, callback) {
  try {
    const url = new URL(configuration.API_URL);
    url.pathname = '/users';
    url.searchParams.set('email', email);
    const res = await fetch(url, { signal: AbortSignal.timeout(5000) });
    if (res.status === 404) return callback(null);
    if (!res.ok) throw new Error(`status ${res.status}`);
    const user = await res.json();
    return callback(null, { user_id: `api|${user.id}`, email: user.email });
  } catch (err) {
    return callback(err);
  }
}
