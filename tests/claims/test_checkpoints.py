"""DPL476 to DPL479: what TensorFlow says of SavedModels and checkpoints that are not whole, and of those deplint is silent about."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from deplint.formats import READERS
from deplint.formats.checkpoint import CheckpointState
from deplint.model import Model
from deplint.project import File, Project
from rules.artifact.checkpoint_path_elsewhere import checkpoint_path_elsewhere
from rules.artifact.checkpoint_shards_missing import checkpoint_shards_missing
from rules.artifact.savedmodel_asset_missing import savedmodel_asset_missing
from rules.artifact.savedmodel_variables_missing import savedmodel_variables_missing

pytestmark = pytest.mark.tensorflow
tf = pytest.importorskip("tensorflow")

SHARD = "variables/variables.data-00000-of-00001"


class Scale(tf.Module):
    def __init__(self, shape: int, dtype: str = "float32", name: str = "w") -> None:
        super().__init__()
        setattr(self, name, tf.Variable(tf.ones([shape], dtype)))
        self.used = name

    @tf.function(input_signature=[tf.TensorSpec([None], tf.float32, name="x")])
    def __call__(self, x):
        return x + tf.cast(tf.reduce_sum(getattr(self, self.used)), tf.float32)


class Words(tf.Module):
    def __init__(self, path: Path) -> None:
        super().__init__()
        rows = tf.lookup.TextFileInitializer(
            str(path), tf.string, tf.lookup.TextFileIndex.WHOLE_LINE, tf.int64, tf.lookup.TextFileIndex.LINE_NUMBER
        )
        self.table = tf.lookup.StaticHashTable(rows, -1)

    @tf.function(input_signature=[tf.TensorSpec([None], tf.string, name="words")])
    def __call__(self, words):
        return self.table.lookup(words)


def found(folder: Path, rule: Callable[..., object], kind: type = Model) -> list[str]:
    files = [File(path, path.relative_to(folder).as_posix()) for path in sorted(folder.rglob("*")) if path.is_file()]
    return [each.message for facts in Project(folder, files, READERS).all(kind) for each in rule(facts)]  # type: ignore[attr-defined]


def variables_of(folder: Path, other: Path) -> None:
    shutil.rmtree(folder / "variables")
    shutil.copytree(other / "variables", folder / "variables")


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    tf.saved_model.save(Scale(3), str(tmp_path / "m"))
    tf.saved_model.save(Scale(4), str(tmp_path / "shape"))
    tf.saved_model.save(Scale(3, "float64"), str(tmp_path / "dtype"))
    tf.saved_model.save(Scale(3, name="v"), str(tmp_path / "name"))
    return tmp_path / "m"


def test_a_whole_saved_model(saved: Path) -> None:
    assert tf.saved_model.load(str(saved)).signatures and not found(saved, savedmodel_variables_missing)


@pytest.mark.parametrize(
    ("damage", "said", "ours"),
    [
        (lambda m: (m / SHARD).unlink(), "No such file or directory", "file is missing"),
        (lambda m: (m / SHARD).write_bytes((m / SHARD).read_bytes()[:5]), "Read less bytes than requested", "too short"),
        (lambda m: (m / "variables/variables.index").unlink(), "Failed to find any matching files", "file is missing"),
        (lambda m: shutil.rmtree(m / "variables"), "Failed to find any matching files", "file is missing"),
        (lambda m: variables_of(m, m.with_name("shape")), "incompatible tensor", "stored as float32[4] and declared float32[3]"),
        (lambda m: variables_of(m, m.with_name("dtype")), "expected dtype float", "stored as float64[3] and declared float32[3]"),
        (lambda m: variables_of(m, m.with_name("name")), "not bound to checkpointed values", "the checkpoint holds no such variable"),
    ],
    ids=["no shard", "short shard", "no index", "no folder", "shape", "dtype", "name"],
)
def test_variables_that_do_not_fit(saved: Path, damage: Callable[[Path], object], said: str, ours: str) -> None:
    damage(saved)
    with pytest.raises(Exception, match=said):
        tf.saved_model.load(str(saved))
    message, *_ = found(saved, savedmodel_variables_missing)
    assert ours in message


def test_variables_in_parts(tmp_path: Path) -> None:
    """Shards of a few bytes, as models above the sizes of file systems have them."""
    callback = getattr(tf.train.experimental, "MaxShardSizePolicy", None)
    if callback is None:
        pytest.skip("this TensorFlow does not split variables")
    options = tf.saved_model.SaveOptions(experimental_sharding_callback=callback(max_shard_size=64))
    tf.saved_model.save(Scale(50), str(tmp_path / "m"), options=options)
    assert len(list((tmp_path / "m" / "variables").iterdir())) > 3
    assert tf.saved_model.load(str(tmp_path / "m")).signatures and not found(tmp_path / "m", savedmodel_variables_missing)
    next(iter(sorted((tmp_path / "m" / "variables").glob("*.data-*")))).unlink()
    with pytest.raises(Exception, match="No such file"):
        tf.saved_model.load(str(tmp_path / "m"))
    assert found(tmp_path / "m", savedmodel_variables_missing)


def test_variables_of_tensorflow_1(tmp_path: Path) -> None:
    """A graph that also loads a checkpoint of its own, and has variables that the saver leaves out."""
    v1 = tf.compat.v1
    with v1.Graph().as_default() as graph, v1.Session(graph=graph) as session:
        x = v1.placeholder(tf.float32, [None], name="x")
        w = v1.get_variable("w", [3], initializer=v1.ones_initializer())
        local = v1.get_variable("local", [2], initializer=v1.zeros_initializer())
        session.run(v1.global_variables_initializer())
        v1.train.Saver([w]).save(session, str(tmp_path / "pretrained"))
        v1.train.init_from_checkpoint(str(tmp_path / "pretrained"), {"w": w})
        y = tf.identity(x + tf.reduce_sum(w) + tf.reduce_sum(local), "y")
        builder = v1.saved_model.Builder(str(tmp_path / "m"))
        signature = v1.saved_model.predict_signature_def({"x": x}, {"y": y})
        main = v1.variables_initializer([local])
        builder.add_meta_graph_and_variables(session, ["serve"], {"serving_default": signature}, saver=v1.train.Saver([w]), main_op=main)
        builder.save()
    with v1.Session(graph=v1.Graph()) as session:
        v1.saved_model.load(session, ["serve"], str(tmp_path / "m"))
        assert session.run("y:0", {"x:0": [1.0]}).tolist() == [4.0]
    assert not found(tmp_path / "m", savedmodel_variables_missing)


def test_assets(tmp_path: Path) -> None:
    (tmp_path / "words.txt").write_text("one\ntwo\n")
    tf.saved_model.save(Words(tmp_path / "words.txt"), str(tmp_path / "m"))
    assert tf.saved_model.load(str(tmp_path / "m")).signatures and not found(tmp_path / "m", savedmodel_asset_missing)
    (tmp_path / "m" / "assets" / "words.txt").unlink()
    with pytest.raises(Exception, match=r"words\.txt; No such file"):
        tf.saved_model.load(str(tmp_path / "m"))
    assert len(found(tmp_path / "m", savedmodel_asset_missing)) == 1
    # A name of the same length that leads to the list beside the model.
    model = tmp_path / "m" / "saved_model.pb"
    model.write_bytes(model.read_bytes().replace(b"\x12\x09words.txt", b"\x12\x09../../a.b"))
    (tmp_path / "a.b").write_text("x\nsecret\n")
    assert tf.saved_model.load(str(tmp_path / "m")).signatures["serving_default"](tf.constant(["secret"])).popitem()[1].numpy() == [1]
    (message,) = found(tmp_path / "m", savedmodel_asset_missing)
    assert "leaves the model's folder" in message


def test_shards_of_a_checkpoint(tmp_path: Path) -> None:
    v1 = tf.compat.v1
    (tmp_path / "c").mkdir()
    with v1.Graph().as_default() as graph:
        for number in range(2):
            with v1.device(f"/cpu:{number}"):
                v1.get_variable(f"w{number}", [4], use_resource=False)
        with v1.Session(graph=graph, config=v1.ConfigProto(device_count={"CPU": 2})) as session:
            session.run(v1.global_variables_initializer())
            prefix = v1.train.Saver(sharded=True).save(session, str(tmp_path / "c" / "model.ckpt"), write_meta_graph=False)
    assert not found(tmp_path / "c", checkpoint_shards_missing)
    Path(f"{prefix}.data-00001-of-00002").unlink()
    reader = tf.train.load_checkpoint(prefix)
    assert reader.get_tensor("w0").shape == (4,)
    with pytest.raises(Exception, match="No such file or directory"):
        reader.get_tensor("w1")
    (message,) = found(tmp_path / "c", checkpoint_shards_missing)
    assert "data-00001-of-00002: file is missing" in message
    Path(f"{prefix}.data-00000-of-00002").unlink()
    assert not found(tmp_path / "c", checkpoint_shards_missing)


def test_the_latest_checkpoint(tmp_path: Path) -> None:
    v1 = tf.compat.v1
    (tmp_path / "train").mkdir()
    with v1.Graph().as_default() as graph, v1.Session(graph=graph) as session:
        v1.get_variable("w", [4])
        session.run(v1.global_variables_initializer())
        v1.train.Saver().save(session, str(tmp_path / "train" / "model.ckpt"), global_step=7)
    state = tmp_path / "train" / "checkpoint"
    assert tf.train.latest_checkpoint(str(state.parent)) and not found(state.parent, checkpoint_path_elsewhere, CheckpointState)
    # An absolute path is right as long as the folder stays.
    assert f'"{state.parent}/model.ckpt-7"' in state.read_text()
    moved = state.parent.rename(tmp_path / "moved")
    assert tf.train.latest_checkpoint(str(moved)) is None
    assert len(found(moved, checkpoint_path_elsewhere, CheckpointState)) == 1
    for name in ("model.ckpt-9", "/home/alice/train/model.ckpt-7"):
        (moved / "checkpoint").write_text(f'model_checkpoint_path: "{name}"\n')
        assert tf.train.latest_checkpoint(str(moved)) is None
        assert len(found(moved, checkpoint_path_elsewhere, CheckpointState)) == 1
