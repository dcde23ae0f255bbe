// kind: login; expect: none
async function login(usernameOrEmail, password, callback) {
  const controller = new AbortController();
  const timer = setTimeout(() => controller.abort(), 5000);
  try {
    const response = await fetch(new URL('/sessions', configuration.API_URL), {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${configuration.API_TOKEN}` },
      body: JSON.stringify({ login: usernameOrEmail, password }),
      signal: controller.signal,
    });
    if (response.status === 403 || response.status === 401) {
      return callback(new WrongUsernameOrPasswordError(usernameOrEmail, 'rejected'));
    }
    if (!response.ok) {
      return callback(new Error(`The service answered ${response.status}`));
    }
    const body = await response.json();
    return callback(null, { user_id: `sessions|${body.id}`, email: body.email, name: body.name });
  } catch (error) {
    return callback(error);
  } finally {
    clearTimeout(timer);
  }
}
