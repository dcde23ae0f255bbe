// kind: get_user; expect: DB402
async function getUser(email, callback) {
  const { MongoClient } = require('mongodb');
  const client = new MongoClient(configuration.MONGO_URL, { serverSelectionTimeoutMS: 5000 });
  try {
    await client.connect();
    const user = await client.db('portal').collection('users').findOne({ email: new RegExp('^' + email + '$', 'i') });
    if (!user) return callback(null);
    return callback(null, { user_id: 'portal|' + user._id.toString(), email: user.email });
  } catch (err) {
    return callback(err);
  } finally {
    await client.close();
  }
}
