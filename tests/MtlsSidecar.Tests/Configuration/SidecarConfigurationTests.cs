using System.Collections;
using Microsoft.Extensions.Configuration;
using MtlsSidecar.Configuration;
using MtlsSidecar.Trust.Sources;

namespace MtlsSidecar.Tests.Configuration;

public sealed class SidecarConfigurationTests : IDisposable
{
    private const string Valid =
        """
        { "Sidecar": { "Name": "from-file", "Identity": { "CertificateFile": "c", "KeyFile": "k" }, "Trust": { "BundleFile": "b" },
          "Validation": { "Crl": { "Files": [ "a.crl", "b.crl" ] } },
          "Authorization": { "Policies": [
            { "Name": "first", "Action": "Allow", "Rules": [ { "To": [ { "Methods": [ "GET" ] } ] } ] },
            { "Name": "second", "Action": "Allow", "Rules": [ { "To": [ { "Methods": [ "POST" ] } ] } ] } ] } } }
        """;

    private readonly TemporaryDirectory _directory = new();
    private readonly Hashtable _variables = [];

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void FileOfTheWorkingDirectory_IsRead()
    {
        _directory.Write("appsettings.json", Valid);

        Load().Sidecar.Options!.Name.Should().Be("from-file");
    }

    [Fact]
    public void LaterSources_Win()
    {
        _directory.Write("appsettings.json", Valid);
        _directory.Write("one.json", """{ "Sidecar": { "Name": "one", "Drain": { "GracePeriod": "00:00:01" } } }""");
        _directory.Write("two.json", """{ "Sidecar": { "Name": "two" } }""");
        Load("one.json", "two.json").Sidecar.Options!.Name.Should().Be("two");

        _variables["Sidecar__Name"] = "variable";
        var options = Load("one.json", "two.json").Sidecar.Options!;
        options.Name.Should().Be("variable");
        options.Drain.GracePeriod.Should().Be(TimeSpan.FromSeconds(1));
    }

    [Fact]
    public void PolicyOfAVariable_ReplacesThoseOfTheFile()
    {
        _directory.Write("appsettings.json", Valid);
        _variables["Sidecar__Authorization__Policies__0__Name"] = "only";
        _variables["Sidecar__Authorization__Policies__0__Action"] = "Allow";
        _variables["Sidecar__Authorization__Policies__0__Rules__0__To__0__Methods__0"] = "HEAD";

        Load().Sidecar.Options!.Authorization.Policies.Should().ContainSingle().Which.Name.Should().Be("only");
    }

    [Fact]
    public void PolicyHalfSetByAVariable_IsAnErrorAndNotAMixture()
    {
        _directory.Write("appsettings.json", Valid);
        _variables["Sidecar__Authorization__Policies__0__Name"] = "only";

        Load().Sidecar.Errors.Select(error => error.Key).Should().BeEquivalentTo(
            "Sidecar:Authorization:Policies:0:Action", "Sidecar:Authorization:Policies:0:Rules");
    }

    [Fact]
    public void ConfigFileAlone_IsEnough()
    {
        _directory.Write("mine.json", Valid);

        Load("mine.json").Sidecar.Errors.Should().BeEmpty();
    }

    [Fact]
    public void NoFileAtAll_IsOneClearError()
        => Load().Sidecar.Errors.Should().ContainSingle().Which.ToString().Should()
            .Be($"{_directory.Path}/appsettings.json: there is no such file and no --config FILE was given");

    [Fact]
    public void MissingConfigFile_IsNamed()
    {
        _directory.Write("appsettings.json", Valid);

        Load("absent.json").Sidecar.Errors.Should().ContainSingle().Which.ToString().Should()
            .Be($"{_directory.Path}/absent.json: there is no such file");
    }

    [Fact]
    public void DirectoryAsConfigFile_IsAnError()
    {
        _directory.Write("appsettings.json", Valid);

        Load(".").Sidecar.Errors.Should().ContainSingle().Which.Message.Should().StartWith("can't be read");
    }

    [Fact]
    public void BrokenJson_IsReportedWithFileAndLine()
    {
        _directory.Write("appsettings.json", "{\n  \"Sidecar\": {\n    \"Name\": oops } }");

        Load().Sidecar.Errors.Should().ContainSingle().Which.ToString().Should().StartWith($"{_directory.Path}/appsettings.json: line 3: ");
    }

    [Fact]
    public void MisspeltTopLevelKey_IsAnError()
    {
        _directory.Write("appsettings.json", Valid.Replace("\"Sidecar\"", "\"Sidcar\"", StringComparison.Ordinal));

        Load().Sidecar.Errors.Select(error => error.ToString()).Should().Equal("Sidcar: unknown key; known here: Sidecar, Serilog");
    }

    [Fact]
    public void SectionsOfOtherPrograms_AreIgnored()
    {
        _directory.Write("appsettings.json", Valid.TrimEnd()[..^1]
            + """, "Logging": {}, "AllowedHosts": "*", "Kestrel": { "Endpoints": { "a": { "Url": "http://0.0.0.0:1" } } }, "Urls": "http://0.0.0.0:2" }""");

        var sidecar = Load().Sidecar;
        sidecar.Errors.Should().BeEmpty();
        sidecar.Warnings.Select(warning => warning.Key).Should().Contain(["Kestrel", "Urls"]);
    }

    [Theory]
    [InlineData("ASPNETCORE_URLS")]
    [InlineData("DOTNET_URLS")]
    [InlineData("URLS")]
    [InlineData("Kestrel__Endpoints__a__Url")]
    public void VariablesOfTheFramework_ReachNoSetting(string variable)
    {
        _directory.Write("appsettings.json", Valid);
        _variables[variable] = "http://0.0.0.0:1";

        Load().Settings.AsEnumerable().Should().NotContain(setting => setting.Value == "http://0.0.0.0:1");
    }

    [Fact]
    public void LoadingAgain_SeesTheFileAsItIsNow()
    {
        var path = _directory.Write("appsettings.json", Valid);
        var configuration = Configuration();
        configuration.Load().Sidecar.Options!.Name.Should().Be("from-file");

        File.WriteAllText(path, Valid.Replace("from-file", "changed", StringComparison.Ordinal));

        configuration.Load().Sidecar.Options!.Name.Should().Be("changed");
    }

    [Fact]
    public void Files_AreTheOnesToWatch()
    {
        _directory.Write("appsettings.json", Valid);

        Configuration("sub/../more.json").Files.Should().Equal($"{_directory.Path}/appsettings.json", $"{_directory.Path}/more.json");
    }

    [Fact]
    public async Task FileReplacedSinceItWasLoaded_IsNoticedByWhoeverBeginsToWatch()
    {
        var path = _directory.Write("appsettings.json", Valid);
        var configuration = Configuration();
        var loaded = configuration.Load();
        var noticed = new TaskCompletionSource();
        File.WriteAllText(path, Valid.Replace("from-file", "changed", StringComparison.Ordinal));

        var reloadable = new ReloadableConfiguration(configuration, loaded);
        await using var watcher = new FileWatcher([new WatchedFiles(() => reloadable.Files, NoticeAsync, reloadable.AsRead)], TimeProvider.System);

        await noticed.Task.WaitAsync(TimeSpan.FromSeconds(30));

        Task NoticeAsync()
        {
            noticed.TrySetResult();
            return Task.CompletedTask;
        }
    }

    private LoadedConfiguration Load(params string[] files) => Configuration(files).Load();

    private SidecarConfiguration Configuration(params string[] files) => new(files, _directory.Path, () => _variables, []);
}
