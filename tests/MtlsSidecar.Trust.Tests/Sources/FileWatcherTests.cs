using MtlsSidecar.TestKit.Files;
using MtlsSidecar.TestKit.Time;
using MtlsSidecar.Trust.Sources;

namespace MtlsSidecar.Trust.Tests.Sources;

public sealed class FileWatcherTests : IAsyncLifetime
{
    private readonly TestDirectory _directory = new();
    private readonly ManualTimeProvider _time = new();
    private readonly string _path;
    private int _calls;
    private FileWatcher _watcher = null!;

    public FileWatcherTests() => _path = _directory.Write("tls.crt", "first");

    public Task InitializeAsync()
    {
        _watcher = new FileWatcher(() => [_path], Count, _time);
        return Task.CompletedTask;

        Task Count()
        {
            Interlocked.Increment(ref _calls);
            return Task.CompletedTask;
        }
    }

    public async Task DisposeAsync()
    {
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
