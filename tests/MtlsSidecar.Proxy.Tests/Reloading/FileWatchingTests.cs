using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using MtlsSidecar.Proxy.Configuration;
using MtlsSidecar.Proxy.Hosting;
using MtlsSidecar.Proxy.Reloading;
using MtlsSidecar.Proxy.Tests.Hosting;
using MtlsSidecar.TestKit.Pki;
using MtlsSidecar.TestKit.Time;
using MtlsSidecar.Trust.Revocation.Crl;
using MtlsSidecar.Trust.Sources;

namespace MtlsSidecar.Proxy.Tests.Reloading;

/// <summary>Files are read long before they are watched: what replaces one of them in between must not wait for its next change.</summary>
public sealed class FileWatchingTests : IDisposable
{
    private readonly WorkloadPki _pki = new();
    private readonly ManualTimeProvider _time = new();

    public void Dispose() => _pki.Dispose();

    [Fact]
    public async Task FilesReplacedBeforeTheWatchBegins_AreReadAgain()
    {
        var options = Options();
        var material = TrustMaterial.Open(options, new List<ConfigurationError>())!;
        var source = new RereadSource(_pki.Directory.Write("sidecar.json", "{}"), options);
        await using var app = Build(options, material, source);
        var (identity, bundles) = (material.Svid.Current, material.Bundles.Current.Generation);

        File.AppendAllText(_pki.BundleFile, _pki.ForeignRoot.Certificate.ExportCertificatePem());
        File.Copy(_pki.Users.CertificateFile, _pki.Web.CertificateFile, overwrite: true);
        File.Copy(_pki.Users.KeyFile, _pki.Web.KeyFile, overwrite: true);
        File.WriteAllText(source.File, "{ }");
        var watching = WatchingOf(app);
        await watching.StartAsync(CancellationToken.None);

        await HoldsAfterALookAsync(() => material.Svid.Current != identity, "identity");
        await HoldsAfterALookAsync(() => material.Bundles.Current.Generation != bundles, "bundles");
        await HoldsAfterALookAsync(() => source.Loads > 0, "configuration");
        await watching.StopAsync(CancellationToken.None);
    }

    [Fact]
    public async Task CrlFileReplacedWhileItIsRead_IsReadAgain()
    {
        var options = Options();
        var observer = new FirstCrlObserver(() => _pki.Revoke(_pki.Users));
        await using var app = Build(options, TrustMaterial.Open(options, new List<ConfigurationError>())!, source: null, observer);
        var watching = WatchingOf(app);
        await watching.StartAsync(CancellationToken.None);

        await HoldsAfterALookAsync(() => observer.Listed > 0, "the second file revokes somebody");
        await watching.StopAsync(CancellationToken.None);
    }

    private static FileWatching WatchingOf(WebApplication app) => app.Services.GetServices<IHostedService>().OfType<FileWatching>().Single();

    private SidecarOptions Options() => SmallestSidecar.Options(_pki, new { Crl = new { Files = new[] { _pki.CrlFile } } });

    private WebApplication Build(SidecarOptions options, TrustMaterial material, RereadSource? source, ICrlObserver? observer = null)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddSingleton<TimeProvider>(_time);
        builder.AddMtlsSidecar(options, material, source);
        if (observer is not null)
        {
            builder.Services.AddSingleton(observer);
        }

        return builder.Build();
    }

    private Task HoldsAfterALookAsync(Func<bool> condition, string what) => Eventually.HoldsAsync(
        () =>
        {
            _time.Advance(TimeSpan.FromMilliseconds(100));
            return condition();
        },
        what);

    /// <summary>Lets something happen while the first CRL is read.</summary>
    private sealed class FirstCrlObserver(Action interruption) : ICrlObserver
    {
        private bool _wasInterrupted;
        private int _listed;

        public int Listed => Volatile.Read(ref _listed);

        public void Loaded(CrlStatus crl)
        {
            if (!_wasInterrupted)
            {
                _wasInterrupted = true;
                interruption();
            }

            Interlocked.Add(ref _listed, crl.Entries);
        }

        public void Refused(string source, string reason)
        {
        }
    }

    /// <summary>Counts how often the configuration is read again.</summary>
    private sealed class RereadSource(string file, SidecarOptions options) : ISidecarOptionsSource
    {
        private int _loads;

        public string File { get; } = file;

        public int Loads => Volatile.Read(ref _loads);

        public IEnumerable<string> Files => [File];

        public FileStamps? AsRead { get; } = FileStamps.Of([file]);

        public SidecarOptionsResult Load()
        {
            Interlocked.Increment(ref _loads);
            return new SidecarOptionsResult(options, [], []);
        }
    }
}
