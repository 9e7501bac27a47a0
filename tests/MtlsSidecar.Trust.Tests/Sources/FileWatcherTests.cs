using MtlsSidecar.TestKit.Files;
using MtlsSidecar.TestKit.Time;
using MtlsSidecar.Trust.Sources;

namespace MtlsSidecar.Trust.Tests.Sources;

public sealed class FileWatcherTests : IAsyncLifetime
{
    private readonly TestDirectory _directory = new();
    private readonly ManualTimeProvider _time = new();
    private readonly string _path;
    private readonly TaskCompletionSource _hanging = new();
    private readonly TaskCompletionSource _released = new();
    private int _calls;
    private FileWatcher _watcher = null!;

    public FileWatcherTests() => _path = _directory.Write("tls.crt", "first");

    public Task InitializeAsync()
    {
        _watcher = new FileWatcher([new WatchedFiles(() => [_directory["slow"]], HangAsync), new WatchedFiles(() => [_path], CountAsync)], _time);
        return Task.CompletedTask;
    }

    public async Task DisposeAsync()
    {
        _released.TrySetResult();
        await _watcher.DisposeAsync();
        _directory.Dispose();
    }

    [Fact]
    public async Task FileOfAnotherLength_IsTold()
    {
        File.WriteAllText(_path, "the second");

        await Eventually.HoldsAsync(HasBeenCalledAfterALook, "told");
    }

    [Fact]
    public async Task FileOfEqualLengthAndTimes_IsToldByItsContent()
    {
        Rewrite("other");

        await Eventually.HoldsAsync(HasBeenCalledAfterALook, "told");
    }

    [Fact]
    public async Task FileThatIsGone_IsTold()
    {
        File.Delete(_path);

        await Eventually.HoldsAsync(HasBeenCalledAfterALook, "told");
    }

    [Fact]
    public async Task ChangeThatTakesLongToActOn_HoldsUpNobodyElse()
    {
        _directory.Write("slow", "changed");
        await Eventually.HoldsAsync(IsUnderWayAfterALook, "under way");

        File.WriteAllText(_path, "the second");

        await Eventually.HoldsAsync(HasBeenCalledAfterALook, "told");
    }

    [Fact]
    public async Task FileReplacedBetweenItsReadingAndTheFirstLook_IsTold()
    {
        var asRead = FileStamps.Of([_path]);
        File.WriteAllText(_path, "the second");

        await using var watcher = new FileWatcher([new WatchedFiles(() => [_path], HangAsync, asRead)], _time);

        await Eventually.HoldsAsync(IsUnderWayAfterALook, "told");
        _released.SetResult();
    }

    [Fact]
    public async Task End_WaitsForWhatAChangeHasCaused()
    {
        var watcher = new FileWatcher([new WatchedFiles(() => [_path], HangAsync)], _time);
        File.WriteAllText(_path, "the second");
        await Eventually.HoldsAsync(IsUnderWayAfterALook, "under way");

        var end = watcher.DisposeAsync().AsTask();
        end.IsCompleted.Should().BeFalse();
        _released.SetResult();

        await end;
    }

    [Fact]
    public void StampOfAKnownFile_SparesTheReadingAndOneOfAnUnknownDoesNot()
    {
        var known = FileStamp.Of(_path);
        Rewrite("other");

        FileStamp.Of(_path, known).Should().Be(known);
        FileStamp.Of(_path).Should().NotBe(known);
    }

    [Fact]
    public void StampOfAFileThatGrew_IsReadAnew()
    {
        var known = FileStamp.Of(_path);
        File.WriteAllText(_path, "the second");

        FileStamp.Of(_path, known).Should().Be(FileStamp.Of(_path)).And.NotBe(known);
    }

    [Fact]
    public void StampOfAFileWithoutLength_SparesTheReading()
        => FileStamp.Of(_directory.Write("empty", "")).Hash.Should().BeNull("a pipe has no length either, and would be emptied");

    private Task CountAsync()
    {
        Interlocked.Increment(ref _calls);
        return Task.CompletedTask;
    }

    private Task HangAsync()
    {
        _hanging.TrySetResult();
        return _released.Task;
    }

    private bool IsUnderWayAfterALook()
    {
        _time.Advance(TimeSpan.FromMilliseconds(100));
        return _hanging.Task.IsCompleted;
    }

    private bool HasBeenCalledAfterALook()
    {
        _time.Advance(TimeSpan.FromMilliseconds(100));
        return Volatile.Read(ref _calls) > 0;
    }

    // In place, as archives do that restore the time of a file.
    private void Rewrite(string content)
    {
        var modified = File.GetLastWriteTimeUtc(_path);
        File.WriteAllText(_path, content);
        File.SetLastWriteTimeUtc(_path, modified);
    }
}
