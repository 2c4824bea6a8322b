"""Export the routing table lookup. Written in 2018, copied along ever since."""

import tensorflow as tf

tf.compat.v1.disable_eager_execution()


def main() -> None:
    with tf.compat.v1.Session(graph=tf.Graph()) as session:
        postcode = tf.compat.v1.placeholder(tf.int32, [None], name="postcode")
        table = tf.compat.v1.get_variable("table", [100], tf.int32, tf.compat.v1.zeros_initializer())
        lane = tf.gather(table, postcode // 1000, name="lane")
        session.run(tf.compat.v1.global_variables_initializer())
        tf.saved_model.simple_save(session, "routing/1", inputs={"postcode": postcode}, outputs={"lane": lane})


if __name__ == "__main__":
    main()
