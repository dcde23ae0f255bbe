// kind: get_user; expect: DB308
async function getUser(email, callback) {
  const { MongoClient } = require('mongodb');
  const client = new MongoClient(configuration.MONGO_URL, { serverSelectionTimeoutMS: 5000 });
  try {
    await client.connect();
    const user = await client.db('portal').collection('users').findOne({ email });
    if (!user) return callback(null);
    const { _id, name, salt, hash } = user;
    return callback(null, { user_id: 'portal|' + _id, email, name, salt, hash });
  } catch (err) {
    return callback(err);
  } finally {
    await client.close();
  }
}
