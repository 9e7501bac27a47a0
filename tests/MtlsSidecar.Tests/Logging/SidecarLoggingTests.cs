using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using MtlsSidecar.Logging;

namespace MtlsSidecar.Tests.Logging;

// Setting up listens to what Serilog says of itself in the whole process, and a broken sink says something.
[Collection("Serilog")]
public sealed class SidecarLoggingTests
{
    [Fact]
    public void WithoutASection_JsonLinesGoToStandardOutput()
    {
        var lines = Log([], logger => logger.LogInformation(new EventId(2501, "Request"), "{Method} answered with {Status}", "GET", 200));

        var line = JsonDocument.Parse(lines.Single()).RootElement;
        line.GetProperty("level").GetString().Should().Be("information");
        line.GetProperty("message").GetString().Should().Be("GET answered with 200");
        var properties = line.GetProperty("properties");
        properties.GetProperty("Status").GetInt32().Should().Be(200);
        properties.GetProperty("SourceContext").GetString().Should().Be("MtlsSidecar.Test");
        properties.GetProperty("EventId").GetProperty("Name").GetString().Should().Be("Request");
        properties.GetProperty("Sidecar").GetString().Should().Be("orders");
    }

    [Fact]
    public void LevelsOfTheSection_Count()
    {
        var settings = new Dictionary<string, string?>
        {
            ["Serilog:MinimumLevel:Default"] = "Debug",
            ["Serilog:MinimumLevel:Override:MtlsSidecar.Test"] = "Error",
            ["Serilog:Enrich:0"] = "FromLogContext",
        };

        Log(settings, logger => logger.LogWarning("quiet")).Should().BeEmpty();
        Log(settings, logger => logger.LogDebug("loud"), "MtlsSidecar.Other").Should().ContainSingle();
    }

    [Theory]
    [InlineData("Microsoft.AspNetCore.Routing")]
    [InlineData("Yarp.ReverseProxy.Forwarder.HttpForwarder")]
    public void FrameworkCategories_AreQuietBelowWarning(string category)
    {
        Log([], logger => logger.LogInformation("chatter"), category).Should().BeEmpty();
        Log([], logger => logger.LogWarning("matter"), category).Should().ContainSingle();
    }

    [Fact]
    public void KestrelsErrors_AreLoggedButNotItsWarnings()
    {
        Log([], logger => logger.LogWarning("chatter"), "Microsoft.AspNetCore.Server.Kestrel").Should().BeEmpty();
        Log([], logger => logger.LogError("matter"), "Microsoft.AspNetCore.Server.Kestrel").Should().ContainSingle();
    }

    [Fact]
    public void HostingDiagnostics_AreOffAltogether()
        => Log([], logger => logger.IsEnabled(LogLevel.Critical).Should().BeFalse(), "Microsoft.AspNetCore.Hosting.Diagnostics").Should().BeEmpty();

    [Fact]
    public void SinkOfTheSection_ReplacesStandardOutput()
    {
        var settings = new Dictionary<string, string?> { ["Serilog:WriteTo:0:Name"] = "Console", ["Serilog:WriteTo:0:Args:standardErrorFromLevel"] = "Verbose" };

        Log(settings, logger => logger.LogInformation("elsewhere")).Should().BeEmpty();
    }

    [Theory]
    [InlineData("Serilog:MinimumLevel:Default", "Loud")]
    [InlineData("Serilog:WriteTo:0:Name", "Fax")]
    public void SectionThatCannotBeMet_IsAnError(string key, string value)
    {
        var create = () => SidecarLogging.Create(Settings(new() { [key] = value }), "orders", TimeProvider.System, () => Stream.Null);

        create.Should().Throw<InvalidOperationException>().Which.Message.Should().Contain(value);
    }

    private static string[] Log(Dictionary<string, string?> settings, Action<ILogger> write, string category = "MtlsSidecar.Test")
    {
        using var stream = new MemoryStream();
        using (var logging = SidecarLogging.Create(Settings(settings), "orders", TimeProvider.System, () => stream))
        using (var services = new ServiceCollection().AddLogging(logging.AddTo).BuildServiceProvider())
        {
            write(services.GetRequiredService<ILoggerFactory>().CreateLogger(category));
        }

        return Encoding.UTF8.GetString(stream.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private static IConfigurationRoot Settings(Dictionary<string, string?> settings)
        => new ConfigurationBuilder().AddInMemoryCollection(settings).Build();
}
